import { describe, expect, it } from 'vitest';
import { followBuild, followTransfer } from '../../../src/docker/build-output.ts';
import { ImageBuildError } from '../../../src/docker/errors.ts';

async function* bytes(text: string, chunkBytes = 1): AsyncGenerator<Buffer> {
  const all = Buffer.from(text);
  for (let start = 0; start < all.length; start += chunkBytes) yield all.subarray(start, start + chunkBytes);
}

function messages(...values: object[]): string {
  return values.map((value) => `${JSON.stringify(value)}\r\n`).join('');
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('It was expected to fail.');
    },
    (error: unknown) => error,
  );
}

const begin = [{ stream: 'Step 1/2 : FROM base\n' }, { stream: ' ---> 0123456789ab\n' }];

describe('the output of a build', () => {
  it('gives the image and every line, byte by byte and across characters of several bytes', async () => {
    const lines: string[] = [];
    const text = messages(...begin, { stream: 'größe ' }, { stream: '✓\nzwei\n' }, { aux: { ID: 'sha256:abc' } });
    expect(await followBuild(bytes(text), (line) => lines.push(line))).toBe('sha256:abc');
    expect(lines).toEqual(['Step 1/2 : FROM base', ' ---> 0123456789ab', 'größe ✓', 'zwei']);
  });

  it('fails with the step, its last lines and the cause', async () => {
    const written = Array.from({ length: 30 }, (_, index) => ({ stream: `line ${index}\n` }));
    const text = messages(
      ...begin,
      { stream: 'lost\n' },
      { stream: 'Step 2/2 : RUN make\n' },
      ...written,
      { stream: 'Removing intermediate container 0123456789ab\n' },
      {
        errorDetail: { code: 2, message: "The command '/bin/sh -c make' returned a non-zero code: 2" },
        error: "The command '/bin/sh -c make' returned a non-zero code: 2",
      },
    );
    const error = (await failure(followBuild(bytes(text, 7), () => {}))) as ImageBuildError;
    expect(error).toBeInstanceOf(ImageBuildError);
    expect(error.step).toBe('Step 2/2 : RUN make');
    expect(error.lastLines).toHaveLength(20);
    expect(error.lastLines.at(-1)).toBe('line 29');
    expect(error.message).toMatch(
      /^The image could not be built: Step 2\/2 : RUN make ended with exit code 2\.\n {2}line/,
    );
    expect(error.message).not.toContain('lost');
  });

  it('takes an error in a last message without a line end', async () => {
    const text = `${messages(...begin)}${JSON.stringify({ errorDetail: { message: 'no space left' } })}`;
    expect(await failure(followBuild(bytes(text), () => {}))).toMatchObject({
      message: expect.stringContaining('no space left'),
    });
  });

  it('shows a line that is no JSON in place of breaking on it', async () => {
    const lines: string[] = [];
    const text = `proxy says hello\n${messages({ aux: { ID: 'sha256:abc' } })}`;
    await followBuild(bytes(text), (line) => lines.push(line));
    expect(lines).toEqual(['proxy says hello']);
  });

  it('keeps what a progress bar showed last, and no colours', async () => {
    const lines: string[] = [];
    const text = messages({ stream: ' 1%\r 50%\r\u001b[32mdone\u001b[0m\n' }, { aux: { ID: 'x' } });
    await followBuild(bytes(text), (line) => lines.push(line));
    expect(lines).toEqual(['done']);
  });

  it('is a failure where the engine ends without an image', async () => {
    expect(await failure(followBuild(bytes(messages(...begin)), () => {}))).toBeInstanceOf(ImageBuildError);
  });
});

describe('the output of a pull', () => {
  it('fails with the reason the engine gives', async () => {
    const text = messages({ status: 'Pulling' }, { error: 'manifest unknown' });
    expect(await failure(followTransfer(bytes(text), () => {}))).toMatchObject({ message: 'manifest unknown' });
  });
});
