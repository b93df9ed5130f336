import { describe, expect, it } from 'vitest';
import { trainerEnvironment } from '../../../trainer/config.ts';
import { selfCheck } from '../../../trainer/self-check.ts';

describe('the self-check of the trainer', () => {
  it('loads TensorFlow, trains one step, and tells what it trained on', () => {
    const answer = selfCheck(trainerEnvironment({}));
    expect(answer).toMatchObject({ ok: true, problem: null, tensorflow: expect.stringMatching(/^\d+\.\d+/) });
    // Two classes in equal parts, before anything is learnt: the log loss is near that of a coin.
    expect(answer.loss).toBeGreaterThan(0.3);
    expect(answer.loss).toBeLessThan(1.5);
  });

  it('says what is wrong where GPUs were asked for and are not used', () => {
    const answer = selfCheck(trainerEnvironment({ SLIPWAY_GPUS: 'all' }));
    if (answer.device === 'GPU') return;
    expect(answer).toMatchObject({ ok: false, device: 'CPU', problem: expect.stringContaining('GPUs were asked for') });
  });
});
