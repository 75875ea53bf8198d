/** A Worker that fails. */
setTimeout(() => {
  throw new Error("on purpose");
});
