/**
 * A Vulkan driver that needs no GPU: SwiftShader, as the npm package `@sparticuz/chromium` carries it. It is unpacked
 * once, into the cache folder beside the package or, where that cannot be written, into the user's.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { constants, homedir } from "node:os";
import { dirname, join } from "node:path";
import { brotliDecompressSync } from "node:zlib";

/** The last version for Node 20. */
export const driverPackage = "@sparticuz/chromium@147.0.0";
const archive = "bin/swiftshader.tar.br";
const library = "libvulkan.so.1";
const wanted: readonly string[] = [library, "libvk_swiftshader.so", "vk_swiftshader_icd.json"];

export interface SoftwareDriver {
  readonly folder: string;
  /** What the Vulkan loader calls the driver's manifest. */
  readonly manifest: string;
}

/** The driver's folder, unpacked where it was not yet. Undefined where the package is not installed, or of no use. */
export function softwareDriver(resolve: (name: string) => string | undefined): SoftwareDriver | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return undefined;
  const entry = resolve("@sparticuz/chromium");
  if (entry === undefined) return undefined;
  const root = folderAbove(entry, archive);
  if (root === undefined) return undefined;
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly version: string;
  };
  const caches = [
    join(root, "..", "..", ".cache", "leibniz"),
    join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "leibniz"),
  ];
  const folder = unpacked(join(root, archive), `swiftshader-${version}`, caches);
  return { folder, manifest: join(folder, "vk_swiftshader_icd.json") };
}

/** The nearest folder above `path` that holds `file`. */
function folderAbove(path: string, file: string): string | undefined {
  const folder = dirname(path);
  if (folder === path) return undefined;
  return existsSync(join(folder, file)) ? folder : folderAbove(folder, file);
}

/** Several processes may unpack at once: each does so beside the place, and the first to rename wins. */
function unpacked(archive: string, name: string, caches: readonly string[]): string {
  const found = caches.map((cache) => join(cache, name)).find((folder) => existsSync(folder));
  if (found !== undefined) return found;
  const files = filesOf(brotliDecompressSync(readFileSync(archive)));
  let reason: unknown;
  for (const cache of caches) {
    const [folder, own] = [join(cache, name), join(cache, `.${name}.${process.pid}`)];
    try {
      mkdirSync(own, { recursive: true });
      for (const file of wanted) {
        const content = files.get(file);
        if (!content) throw new Error(`${archive} holds no ${file}`);
        writeFileSync(join(own, file), content, { mode: 0o755 });
      }
      try {
        renameSync(own, folder);
      } catch (error) {
        if (!existsSync(folder)) throw error;
        rmSync(own, { recursive: true, force: true });
      }
      return folder;
    } catch (error) {
      reason = error;
    }
  }
  throw reason;
}

/** The files of a tar archive: a header of 512 bytes each (name at 0, size at 124 in octal), then the content. */
function filesOf(tar: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const text = (from: number, length: number): string =>
    tar.toString("latin1", from, from + length).replace(/\0[^]*$/u, "");
  for (let at = 0; text(at, 100) !== "";) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    files.set(text(at, 100), tar.subarray(at + 512, at + 512 + size));
    at += 512 + 512 * Math.ceil(size / 512);
  }
  return files;
}

/** glibc's flag that keeps a library loaded, whatever becomes of the call that loaded it. */
const RTLD_NODELETE = 0x1000;

/**
 * Makes `libvulkan.so.1` known to this process, the system's where it has one, and adds the driver to the system's.
 * A library that is loaded already is found by its name later, so that no search path has to be set before the process starts.
 */
export function useVulkan(driver: SoftwareDriver | undefined): void {
  if (!driver) return;
  if (!load(library)) load(join(driver.folder, library));
  process.env["VK_ADD_DRIVER_FILES"] = withDriver(process.env["VK_ADD_DRIVER_FILES"], driver);
}

/** The loader's list of drivers to add, this one in it. */
export function withDriver(list: string | undefined, { manifest }: SoftwareDriver): string {
  const others = (list ?? "").split(":").filter((other) => other !== "" && other !== manifest);
  return [...others, manifest].join(":");
}

function load(path: string): boolean {
  try {
    process.dlopen({ exports: {} }, path, constants.dlopen.RTLD_NOW | RTLD_NODELETE);
  } catch (error) {
    // no module of Node's; that is said after it was loaded
    return error instanceof Error && error.message.startsWith("Module did not self-register");
  }
  return true;
}
