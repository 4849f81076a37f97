/** Errors of the operating system in words. */

/** An error of a file or a folder; what none of these is is a fault of the compiler. */
export const isOfTheSystem = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && "syscall" in error && "code" in error;

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  ENOSPC: "no space is left on the device",
  EDQUOT: "the quota of disk space is used up",
  EROFS: "the file system is read-only",
  EACCES: "permission is denied",
  EPERM: "permission is denied",
  ENOTDIR: "a file stands where a folder is needed",
  EEXIST: "a file stands where a folder is needed",
  EISDIR: "a folder stands where a file is needed",
  ENAMETOOLONG: "a name is too long for the file system",
  ELOOP: "symbolic links lead in a circle",
  EBUSY: "something else holds it",
  ETXTBSY: "something else holds it",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
  EIO: "the device fails",
};
/** `permission is denied (EACCES)` */
export function reasonOf(error: unknown): string {
  if (!isOfTheSystem(error)) return String(error);
  const { code = "", message } = error;
  // `EXDEV: cross-device link not permitted, rename 'a' -> 'b'`
  const own = /^\w+: ([^,]*),/u.exec(message)?.[1] ?? message;
  return `${reasons[code] ?? own} (${code})`;
}
