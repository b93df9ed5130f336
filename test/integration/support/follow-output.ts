import { readFileSync } from 'node:fs';
import { createExecutor, type ProgramHandle } from '../../../src/executors/index.ts';

/** As an agent does it: follows the output of a program to its end, then tells the most memory that it took, in KiB. */
const [engine, handle, runDirectory, secret] = process.argv.slice(2) as ['docker' | 'host', string, string, string];
const output = { runDirectory, secrets: [secret] };
await createExecutor(engine).followOutput(JSON.parse(handle) as ProgramHandle, output, new AbortController().signal);
process.stdout.write(`${/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]}\n`);
