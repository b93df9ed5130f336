import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { pythonPath } from './python.ts';

/** The last line that a program in Python prints, as JSON. */
export async function inPython<Result>(program: string, ...words: string[]): Promise<Result> {
  const { stdout } = await promisify(execFile)(await pythonPath(), ['-c', program, ...words], {
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3', CUDA_VISIBLE_DEVICES: '', KERAS_BACKEND: 'tensorflow' },
    maxBuffer: 256 * 1024 * 1024,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Result;
}
