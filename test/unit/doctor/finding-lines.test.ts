import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Finding, Group } from '../../../src/doctor/check.ts';
import { groupLines, summarySentence } from '../../../src/doctor/finding-lines.ts';
import { createPaint } from '../../../src/report/paint.ts';

const plain = createPaint(false);

function finding(id: string, status: Finding['status'], text: string, more: Partial<Finding> = {}): Finding {
  const [group, title] = id.split('.') as [Group, string];
  return {
    id,
    group,
    title,
    status,
    text,
    mend: null,
    facts: {},
    blocks: null,
    blockedBy: null,
    durationMs: 1,
    ...more,
  };
}

const unsafe = {
  command: 'sudo nvidia-ctk runtime configure --runtime=docker && sudo reboot',
  isSafe: false,
  argv: null,
};
const safe = { command: 'mkdir -p /data', isSafe: true, argv: ['mkdir', '-p', '/data'] };
const findings = [
  finding('engine.reachable', 'fine', 'Docker answers at /var/run/docker.sock'),
  finding('engine.disk', 'warning', '8.1 GB free of 271 GB in /var/lib/docker: an image takes 1 to 6 GB'),
  finding('engine.runtime', 'broken', 'No NVIDIA runtime', { mend: unsafe }),
  finding('engine.container', 'skipped', 'No GPU was asked for'),
];

describe('the lines of a group', () => {
  it('stand in columns, wrapped to the width, with the mending command whole on a line of its own', () => {
    expect(groupLines('engine', findings, plain, 60)).toEqual([
      'Engine',
      '  ✓ reachable       Docker answers at /var/run/docker.sock',
      '  ! disk            8.1 GB free of 271 GB in',
      '                    /var/lib/docker: an image takes 1 to 6',
      '                    GB',
      '  ✗ runtime         No NVIDIA runtime',
      '    → sudo nvidia-ctk runtime configure --runtime=docker && sudo reboot',
      '  · container       No GPU was asked for',
    ]);
  });

  it('are not wrapped where there is room', () => {
    for (const columns of [200, Number.POSITIVE_INFINITY]) {
      const lines = groupLines('engine', findings, plain, columns);
      expect(lines).toHaveLength(6);
      expect(lines[2]).toBe('  ! disk            8.1 GB free of 271 GB in /var/lib/docker: an image takes 1 to 6 GB');
    }
  });

  it('say the same with colours as without, and have none where none are wanted', () => {
    const painted = groupLines('engine', findings, createPaint(true), 60);
    expect(painted.map(stripVTControlCharacters)).toEqual(groupLines('engine', findings, plain, 60));
    expect(painted[1]).toContain('\u001b[32m✓\u001b[39m');
    expect(painted[5]).toContain('\u001b[31m✗\u001b[39m');
    expect(groupLines('engine', findings, plain, 60).join('')).not.toContain('\u001b');
  });

  it('tell in one line what was not checked for one reason', () => {
    const reason = 'Not checked: no Docker engine answers';
    const blocked = { blockedBy: 'engine.reachable' };
    const lines = groupLines(
      'engine',
      [
        finding('engine.reachable', 'broken', 'No engine'),
        finding('engine.version', 'skipped', reason, blocked),
        finding('engine.disk', 'skipped', reason, blocked),
      ],
      plain,
      80,
    );
    expect(lines.slice(2)).toEqual(['  · Not checked, as no Docker engine answers: version, disk']);
  });

  it('leave out what rests on something that nobody needs', () => {
    const lines = groupLines(
      'gpu',
      [
        finding('gpu.driver', 'skipped', 'No NVIDIA GPU here'),
        finding('gpu.devices', 'skipped', 'Not checked: no NVIDIA GPU here', { blockedBy: 'gpu.driver' }),
      ],
      plain,
      80,
    );
    expect(lines).toEqual(['GPU', '  · driver          No NVIDIA GPU here']);
  });

  it('advise nothing for what needs no mending', () => {
    const text = 'None is named: a run does it';
    const lines = groupLines('tracking', [finding('tracking.server', 'skipped', text, { mend: safe })], plain, 80);
    expect(lines).toEqual(['Tracking server', `  · server          ${text}`]);
  });

  it('make safe to show what others wrote', () => {
    const lines = groupLines(
      'gpu',
      [finding('gpu.driver', 'broken', 'it said \u001b[2Jb\u001b[31moo\u001b[0m')],
      plain,
      80,
    );
    expect(lines[1]).toBe('  ✗ driver          it said boo');
  });
});

describe('the sentence at the end', () => {
  const good = finding('node.version', 'fine', 'Node.js');
  const skippedOne = finding('gpu.driver', 'skipped', 'none');
  const odd = finding('storage.space', 'warning', 'little');
  const bad = finding('storage.writable', 'broken', 'no', { mend: unsafe });
  const mendable = finding('storage.folder', 'broken', 'not there', { mend: safe });

  it.each([
    ['Everything a run needs is here.', [good, skippedOne]],
    ['Nothing is broken; 1 thing deserves a look.', [good, odd]],
    ['Nothing is broken; 2 things deserve a look.', [odd, odd]],
    ['1 thing is broken.', [good, bad]],
    ['2 things are broken, 1 deserves a look; `slipway doctor --fix` mends 1 of them.', [bad, mendable, odd]],
    ['1 thing is broken; `slipway doctor --fix` mends it.', [mendable]],
    ['2 things are broken; `slipway doctor --fix` mends all of them.', [mendable, mendable]],
  ])('is: %s', (sentence, list) => {
    expect(summarySentence(list, 'slipway')).toBe(sentence);
  });
});
