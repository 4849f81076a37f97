/** A thread of a parallel build or check: tasks in, results out. */
import { parentPort } from "node:worker_threads";
import { runTask, type Task } from "./tasks.js";

/** Answers the tasks that the main thread sends. */
export function work(): void {
  parentPort?.on("message", (task: Task) => {
    void runTask(task).then((result) => parentPort?.postMessage(result));
  });
}
