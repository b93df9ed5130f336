import { describe, expect, it } from 'vitest';
import { type Check, type Finding, fine, warning } from '../../../src/doctor/check.ts';
import { openDoctorScreen } from '../../../src/doctor/doctor-screen.ts';
import { createLook } from '../../../src/report/look.ts';
import { FakeStream, screenOf } from '../report/fake-stream.ts';

function check(id: string): Check {
  const [group, title] = id.split('.') as [Check['group'], string];
  return { id, group, title, run: async () => fine('') };
}

function found(id: string): Finding {
  const { group, title } = check(id);
  return { id, group, title, durationMs: 1, blockedBy: null, ...fine(`${title} is fine`) };
}

const checks = ['engine.a', 'engine.b', 'gpu.c'].map(check);

describe('the screen of the doctor', () => {
  it('writes each group as soon as it and those before it are known, always in one order', () => {
    const stream = new FakeStream();
    const screen = openDoctorScreen(stream, createLook({ stream, environment: {} }), checks);
    screen.ended?.(found('gpu.c'));
    expect(stream.text).toBe('');
    screen.ended?.(found('engine.a'));
    expect(stream.text).toBe('');
    screen.ended?.(found('engine.b'));
    expect(stream.text).toBe(
      [
        'Engine',
        '  ✓ a               a is fine',
        '  ✓ b               b is fine',
        'GPU',
        '  ✓ c               c is fine',
        '',
      ].join('\n'),
    );
    screen.close();
  });

  it('shows to someone who wants quiet only what is not as it should be', () => {
    const stream = new FakeStream();
    const screen = openDoctorScreen(stream, createLook({ stream, environment: {} }), checks, { isQuiet: true });
    screen.ended?.(found('engine.a'));
    screen.ended?.({ ...found('engine.b'), ...warning('b deserves a look') });
    screen.ended?.(found('gpu.c'));
    expect(stream.text).toBe(['Engine', '  ! b               b deserves a look', ''].join('\n'));
    screen.close();
  });

  it('shows at a terminal what still runs, and leaves nothing of it behind', async () => {
    const stream = new FakeStream(true);
    const screen = openDoctorScreen(stream, createLook({ stream, color: false, environment: {} }), checks);
    screen.started?.(check('engine.a'));
    screen.ended?.(found('engine.a'));
    screen.started?.(check('engine.b'));
    await expect.poll(() => screenOf(stream.text).lines.at(-1)).toMatch(/^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] Engine: b$/);
    screen.ended?.(found('engine.b'));
    screen.close();
    expect(screenOf(stream.text)).toEqual({
      lines: ['Engine', '  ✓ a               a is fine', '  ✓ b               b is fine', ''],
      cursorVisible: true,
    });
  });
});
