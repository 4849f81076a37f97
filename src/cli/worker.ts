/** A thread of a parallel build or check: tasks in, results out. */
import { parentPort } from "node:worker_threads";
import { runTask, type Task } from "./tasks.js";

/**
 * Answers the tasks that the main thread sends.
 * @param loaded told when the first task is done, before its result goes out: the thread may be ended after any
 */
export function work(loaded: () => void): void {
  let isFirst = true;
  const answer = async (task: Task): Promise<void> => {
    const result = await runTask(task);
    if (isFirst) loaded();
    isFirst = false;
    parentPort?.postMessage(result);
  };
  parentPort?.on("message", (task: Task) => {
    void answer(task);
  });
}
