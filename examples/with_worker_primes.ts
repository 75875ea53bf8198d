/** The Worker of with_worker.ts: counts primes, and reports each thousand. */
export {};
declare const self: Worker;

let primes = 0;

for (let n = 2;; n++) {
  let divisor = 2;
  while (divisor * divisor <= n && n % divisor !== 0) divisor++;
  if (divisor * divisor > n && ++primes % 1000 === 0) self.postMessage(primes);
}
