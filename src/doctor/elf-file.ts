import { open } from 'node:fs/promises';

/** What the head of a shared library says of it. */
export interface ElfFile {
  /** `x64` and `arm64` as Node.js calls them; else the number of the format. */
  readonly architecture: string;
  readonly sizeBytes: number;
  /** Where its table of sections ends: the file is at least this long. */
  readonly expectedBytes: number;
}

// System V ABI, "ELF header" (https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html), 64 bits, little endian.
const headBytes = 64;
const machineAt = 18;
const sectionTableAt = 40;
const sectionSizeAt = 58;
const sectionCountAt = 60;
const architectures: Readonly<Record<number, string>> = { 62: 'x64', 183: 'arm64' };

/** Reads the head of a file; null where it is no 64-bit library. Rejects with the system's error. */
export async function readElfFile(path: string): Promise<ElfFile | null> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const head = Buffer.alloc(headBytes);
    const { bytesRead } = await file.read(head, 0, headBytes, 0);
    const isElf =
      bytesRead === headBytes && head.toString('latin1', 0, 4) === '\u007fELF' && head[4] === 2 && head[5] === 1;
    if (!isElf) return null;
    const machine = head.readUInt16LE(machineAt);
    const sections = head.readUInt16LE(sectionSizeAt) * head.readUInt16LE(sectionCountAt);
    return {
      architecture: architectures[machine] ?? `machine ${machine}`,
      sizeBytes: size,
      expectedBytes: Number(head.readBigUInt64LE(sectionTableAt)) + sections,
    };
  } finally {
    await file.close();
  }
}
