import { describe, expect, it } from 'vitest';
import { DrawingPace } from '../../../../trainer/evaluation/drawing-pace.ts';

/** A training on a clock of its own: epochs that take `epochMs`, and a drawing that takes `drawingMs` after each that is due. */
async function simulate(options: { epochs: number; epochMs: number; drawingMs: number; leastRestMs: number }) {
  const { epochs, epochMs, drawingMs, leastRestMs } = options;
  let nowMs = 0;
  const pace = new DrawingPace({ restFactor: 40, leastRestMs, now: () => nowMs });
  const drawnAtMs: number[] = [];
  for (let epoch = 1; epoch <= epochs; epoch += 1) {
    nowMs += epochMs;
    if (epoch !== epochs && !pace.isDue()) continue;
    drawnAtMs.push(nowMs);
    await pace.draw(async () => {
      nowMs += drawingMs;
    });
  }
  return { drawnAtMs, drawingMs: pace.totalMs, totalMs: nowMs };
}

describe('the pace of drawing', () => {
  it('takes less than a twentieth of a training of a minute or more, and of what is longer no more than it must', async () => {
    for (const drawingMs of [10, 300, 700, 5000]) {
      for (const [epochs, epochMs] of [
        [60, 1000],
        [1000, 100],
        [100_000, 5],
        [7, 60_000],
      ] as const) {
        const run = await simulate({ epochs, epochMs, drawingMs, leastRestMs: 0 });
        if (drawingMs <= 700) expect(run.drawingMs / run.totalMs).toBeLessThan(0.05);
        // The first and the last drawing come in any case.
        expect((run.drawingMs - 2 * drawingMs) / run.totalMs).toBeLessThan(1 / 40);
        expect(run.drawnAtMs[0]).toBe(epochMs);
      }
    }
  });

  it('draws after every epoch where drawing is cheap', async () => {
    const run = await simulate({ epochs: 20, epochMs: 15_000, drawingMs: 100, leastRestMs: 10_000 });
    expect(run.drawnAtMs).toHaveLength(20);
  });

  it('spares the server where epochs are short', async () => {
    const run = await simulate({ epochs: 600, epochMs: 100, drawingMs: 1, leastRestMs: 10_000 });
    expect(run.drawnAtMs.length).toBeLessThanOrEqual(7);
  });

  it('counts the time of a drawing that failed', async () => {
    let nowMs = 0;
    const pace = new DrawingPace({ restFactor: 40, leastRestMs: 0, now: () => nowMs });
    const failing = pace.draw(async () => {
      nowMs += 100;
      throw new Error('no ink');
    });
    await expect(failing).rejects.toThrow('no ink');
    expect(pace.isDue()).toBe(false);
    nowMs += 4000;
    expect(pace.isDue()).toBe(true);
  });
});
