// How threads meet. The control words lie below the module's static data, each in a cache line of its own, where no instance
// writes when it is made.

// @ts-ignore: decorator
@inline
const ARRIVED: usize = 64;
// @ts-ignore: decorator
@inline
const GENERATION: usize = 128;
// @ts-ignore: decorator
@inline
const SLEEPERS: usize = 192;

// @ts-ignore: decorator
@inline
const JOB: usize = 256;
// @ts-ignore: decorator
@inline
const JOB_SLEEPERS: usize = 320;
// @ts-ignore: decorator
@inline
const JOB_CODE: usize = 384;
// @ts-ignore: decorator
@inline
const JOB_THREADS: usize = 388;

/** How often a thread without work looks for more before it sleeps: some 50 microseconds, so that steps can follow each other. */
// @ts-ignore: decorator
@inline
const IDLE_PATIENCE: i32 = 20000;

/** How often a waiting thread looks before it sleeps: some 10 microseconds, about what going to sleep and waking costs. */
// @ts-ignore: decorator
@inline
const PATIENCE: i32 = 4000;

/** Waits until the word at `address` is no longer `value`; the waker must call `wake` after changing it. */
function waitWhile(address: usize, value: i32, sleepers: usize, patience: i32): void {
  for (let i = 0; i < patience; i++) {
    if (atomic.load<i32>(address) != value) return;
  }
  atomic.add<i32>(sleepers, 1);
  while (atomic.load<i32>(address) == value) atomic.wait<i32>(address, value, -1);
  atomic.sub<i32>(sleepers, 1);
}

/** Wakes whoever sleeps on `address`; costs next to nothing when nobody does. */
// @ts-ignore: decorator
@inline
export function wake(address: usize, sleepers: usize): void {
  if (atomic.load<i32>(sleepers) != 0) atomic.notify(address, -1);
}

/** Returns when all threads have called it. What any of them wrote before is then seen by all. */
export function barrier(threads: i32): void {
  if (threads == 1) return;
  const generation = atomic.load<i32>(GENERATION);
  if (atomic.add<i32>(ARRIVED, 1) == threads - 1) {
    atomic.store<i32>(ARRIVED, 0);
    atomic.add<i32>(GENERATION, 1);
    wake(GENERATION, SLEEPERS);
  } else {
    waitWhile(GENERATION, generation, SLEEPERS, PATIENCE);
  }
}

/** Tells the threads that wait for work what to run. */
export function publish(code: usize, threads: i32): void {
  store<u32>(JOB_CODE, <u32>code);
  store<i32>(JOB_THREADS, threads);
  atomic.add<i32>(JOB, 1);
  wake(JOB, JOB_SLEEPERS);
}

/** Waits for the job after job number `seen`. */
export function awaitJob(seen: i32): void {
  waitWhile(JOB, seen, JOB_SLEEPERS, IDLE_PATIENCE);
}

// @ts-ignore: decorator
@inline
export function jobCode(): usize {
  return <usize>load<u32>(JOB_CODE);
}

// @ts-ignore: decorator
@inline
export function jobThreads(): i32 {
  return load<i32>(JOB_THREADS);
}
