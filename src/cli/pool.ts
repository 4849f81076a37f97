/** Runs tasks on as many threads as there are cores, in order of the tasks. */
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { runTask, type Result, type Task } from "./tasks.js";

/** A thread costs a start-up of its own, which pays from about this many tasks on. */
const fewTasks = 4;

/**
 * The tasks' results, in the tasks' order.
 * @param done told each result as it comes
 */
export async function runTasks(
  tasks: readonly Task[],
  done: (result: Result, count: number) => void,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  let count = 0;
  /** Takes tasks until none is left. */
  const lane = async (run: (task: Task) => Promise<Result>): Promise<void> => {
    for (let at = next++; at < tasks.length; at = next++) {
      const result = await run(tasks[at]!);
      results[at] = result;
      done(result, ++count);
    }
  };
  const script = join(__dirname, "worker.js");
  const threads =
    tasks.length > fewTasks && existsSync(script) ? Math.min(availableParallelism(), 4, tasks.length) : 1;
  if (threads === 1) {
    await lane(runTask);
    return results;
  }
  const workers = Array.from({ length: threads }, () => new Worker(script));
  try {
    await Promise.all(workers.map((worker) => lane((task) => ask(worker, task))));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return results;
}

function ask(worker: Worker, task: Task): Promise<Result> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      worker.off("message", answered).off("error", failed);
      act();
    };
    const answered = (result: Result): void => settle(() => resolve(result));
    const failed = (error: Error): void => settle(() => reject(error));
    worker.on("message", answered).on("error", failed);
    worker.postMessage(task);
  });
}
