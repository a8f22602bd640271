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

/** Set where a thread is known to have ended: nobody must wait for it. */
// @ts-ignore: decorator
@inline
const BROKEN: usize = 448;
// @ts-ignore: decorator
@inline
const CONTROL_END: usize = 512;

/** For how long a thread sleeps at a barrier before it looks after the others, in nanoseconds: 0.1 seconds. */
// @ts-ignore: decorator
@inline
const SLEEP: i64 = 100000000;

/** Called by a thread that has slept at a barrier: the host throws where it would sleep for ever. */
// @ts-ignore: decorator
@external('env', 'lookAfterThreads')
declare function lookAfterThreads(): void;

/** How often a thread without work looks for more before it sleeps: some 50 microseconds, so that steps can follow each other. */
// @ts-ignore: decorator
@inline
const IDLE_PATIENCE: i32 = 20000;

/** How often a waiting thread looks before it sleeps: some 10 microseconds, about what going to sleep and waking costs. */
// @ts-ignore: decorator
@inline
const PATIENCE: i32 = 4000;

/** Waits until the word at `address` is no longer `value`; the waker must call `wake` after changing it. */
function waitWhile(address: usize, value: i32, sleepers: usize, patience: i32, sleep: i64): void {
  for (let i = 0; i < patience; i++) {
    if (atomic.load<i32>(address) != value) return;
  }
  atomic.add<i32>(sleepers, 1);
  while (atomic.load<i32>(address) == value) {
    // 2: it has slept its time.
    if (atomic.wait<i32>(address, value, sleep) == 2) lookAfterThreads();
  }
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
    waitWhile(GENERATION, generation, SLEEPERS, PATIENCE, SLEEP);
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
  waitWhile(JOB, seen, JOB_SLEEPERS, IDLE_PATIENCE, -1);
}

/** Forgets who waits and what for: to be called when no thread but the first is there. */
export function forgetThreads(): void {
  memory.fill(ARRIVED, 0, CONTROL_END - ARRIVED);
}

/** Says that a thread has ended. */
export function breakOff(): void {
  atomic.store<i32>(BROKEN, 1);
}

/** Whether a thread is known to have ended. */
export function isBroken(): bool {
  return atomic.load<i32>(BROKEN) != 0;
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
