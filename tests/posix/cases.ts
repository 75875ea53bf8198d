/** The 200 behaviours that the suite covers, by group: cases from the test suites of CPython (PY), Go (GO), signal-hook
 * (SH), signal-exit (SE), Deno (DN), Bun (BN), libuv (UV), the Open POSIX suite (OP) and LTP (LT), and measured ones
 * (VF). coverage.md names the proof of each. */
export const CASES: Readonly<Record<string, string>> = {
  "Handlers & dispositions":
    "PY-03 PY-04 BN-01 LT-01 OP-01 OP-02 OP-04 OP-05 OP-08 OP-09 OP-12 GO-01 GO-02 GO-03 GO-04 PY-05 PY-08 VF-01",
  "Names, numbers, validity": "PY-10 PY-11 PY-12 VF-03 OP-20 BN-10 DN-10 DN-11 BN-13 BN-14 SH-10 PY-13 LT-11",
  "Masks & pending": "PY-21 OP-31 OP-33 OP-34 OP-35 VF-11 VF-13 VF-15 BN-04",
  Waiting:
    "PY-30 PY-31 PY-33 PY-34 PY-35 OP-43 OP-44 OP-47 VF-12 OP-48 LT-20 VF-19 PY-37 OP-49 LT-23 SH-20 SH-22 SH-23 SH-24",
  Timers: "PY-40 PY-41 PY-42 PY-43 VF-30 PY-44 VF-31 LT-30 LT-32 VF-33 LT-34 VF-35 PY-45",
  Sending: "LT-40 OP-62 OP-63 OP-64 OP-65 OP-67 PY-50 OP-68 OP-69 OP-70 OP-71 OP-73 OP-74 VF-41 OP-75 PY-51 DN-20",
  "Wake-up fd": "PY-60 PY-61 PY-62 PY-63 PY-64 PY-65 PY-66 PY-67 PY-69 PY-71 PY-72 PY-74 VF-45",
  "EINTR & restart": "PY-80 PY-81 PY-82 PY-83 PY-84 PY-85 PY-86 PY-87 PY-89 VF-50 BN-30 PY-91 PY-92 GO-10 GO-11",
  "Threads & workers": "PY-100 PY-101 VF-20 VF-21 VF-22 DN-30 VF-23 UV-10 BN-40 BN-41 BN-42 SH-40 VF-24",
  "Child processes & inheritance":
    "GO-20 GO-21 GO-22 UV-20 VF-51 VF-52 PY-110 PY-111 OP-90 OP-91 OP-92 VF-53 BN-50 UV-22",
  Stress: "PY-120 GO-30 GO-31 GO-32 GO-33 UV-30 UV-31 LT-51 OP-100 SH-50 DN-50 BN-60 VF-60 VF-61 PY-123 PY-124",
  "Exit semantics":
    "PY-130 SH-60 SH-61 SE-01 SE-02 SE-03 SE-05 SE-07 SE-08 SE-09 DN-60 DN-61 VF-70 BN-71 BN-72 PY-131 PY-132 GO-40",
  Faults: "PY-140 PY-141 PY-142 PY-145 PY-146 BN-80 BN-81 BN-82 SH-70",
  "Several listeners, chaining, removal":
    "DN-70 BN-91 SH-80 SH-81 UV-41 DN-71 VF-80 GO-50 GO-51 UV-42 DN-72 PY-150 GO-52",
};
