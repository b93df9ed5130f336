import { describe, expect, it } from 'vitest';
import { schedules } from '../../../../trainer/training/schedules/index.ts';
import type { Schedule, ScheduleDefinition, ScheduleSetup } from '../../../../trainer/training/schedules/schedule.ts';

type Given = Readonly<Record<string, unknown>>;

const usual: ScheduleSetup = { learningRate: 0.1, stepsPerEpoch: 10, epochs: 20 };
const definitionOf = (name: string) => schedules[name] as ScheduleDefinition;
const make = (name: string, given: Given = {}, setup: Partial<ScheduleSetup> = {}): Schedule =>
  definitionOf(name).create(definitionOf(name).parameters.parse(given), { ...usual, ...setup });

/** Keras computes in float32, and starts from 0.1 here. */
function expectNear(given: readonly number[], expected: readonly number[]): void {
  expect(given).toHaveLength(expected.length);
  for (const [index, value] of expected.entries()) {
    const difference = Math.abs((given[index] as number) - value);
    expect(difference, `number ${index}: ${given[index]}, not ${value}`).toBeLessThan(Math.max(1e-8, 1e-6 * value));
  }
}

/** In Keras, `[float(keras.optimizers.schedules.….__call__(past)) for past in pasts]`: steps count from 0 there. */
const pasts = [0, 1, 9, 10, 11, 25, 99, 100, 250];
const rates = (schedule: Schedule) => pasts.map((past) => schedule.at(past + 1));

describe('the schedules', () => {
  it('stand in the registry under their names', () => {
    expect(Object.keys(schedules)).toEqual(['constant', 'step', 'exponential', 'cosine', 'plateau', 'warm_up']);
    for (const [name, definition] of Object.entries(schedules)) expect(definition.name).toBe(name);
  });

  it('describe every parameter', () => {
    for (const [name, { parameters }] of Object.entries(schedules)) {
      for (const [key, schema] of Object.entries(parameters.shape)) {
        expect(schema.description, `${name}.${key}`).toMatch(/\.$/);
      }
    }
  });
});

/** The arguments stand beside each as Keras 3.15.1 got them when it computed the values. */
describe('learning rates are those of Keras:', () => {
  it('constant', () => {
    expect(rates(make('constant'))).toEqual(pasts.map(() => 0.1));
  });

  it('ExponentialDecay(0.1, 10, 0.5)', () => {
    const expected = [
      ...[0.10000000149011612, 0.09330330044031143, 0.05358867719769478, 0.05000000074505806, 0.046651650220155716],
      ...[0.01767767034471035, 0.00010466540697962046, 9.765625145519152e-5, 2.9802322831784522e-9],
    ];
    expectNear(rates(make('exponential', { decay_steps: 10, decay_rate: 0.5 })), expected);
    expectNear(rates(make('exponential', { decay_rate: 0.5 })), expected);
    expectNear(rates(make('exponential', { decay_rate: 0.5, decay_epochs: 0.5 }, { stepsPerEpoch: 20 })), expected);
  });

  it('ExponentialDecay(0.1, 10, 0.5, staircase=True)', () => {
    const expected = [
      ...[0.10000000149011612, 0.10000000149011612, 0.10000000149011612, 0.05000000074505806, 0.05000000074505806],
      ...[0.02500000037252903, 0.00019531250291038305, 9.765625145519152e-5, 2.9802322831784522e-9],
    ];
    expectNear(rates(make('exponential', { decay_steps: 10, decay_rate: 0.5, staircase: true })), expected);
  });

  it('ExponentialDecay(0.1, 100, 0.96)', () => {
    const expected = [
      ...[0.10000000149011612, 0.09995918720960617, 0.09963327646255493, 0.09959261864423752, 0.0995519682765007],
      ...[0.09898464381694794, 0.09603919833898544, 0.09600000083446503, 0.09029798954725266],
    ];
    expectNear(rates(make('exponential', { decay_epochs: 10 })), expected);
  });

  it('PiecewiseConstantDecay([10, 100], [0.1, 0.01, 0.001])', () => {
    const expected = [0.1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.01, 0.001];
    expectNear(rates(make('step', { boundaries: [10, 100] })), expected);
    expectNear(rates(make('step', { boundaries: [10, 100], values: [0.1, 0.01, 0.001] })), expected);
  });

  it('PiecewiseConstantDecay([10, 100], [0.5, 0.3, 0.7])', () => {
    const expected = [0.5, 0.5, 0.5, 0.5, 0.3, 0.3, 0.3, 0.3, 0.7];
    expectNear(rates(make('step', { boundaries: [10, 100], values: [0.5, 0.3, 0.7] })), expected);
  });

  it('CosineDecay(0.1, 200)', () => {
    const expected = [
      ...[0.10000000149011612, 0.09999383240938187, 0.09950118511915207, 0.09938441962003708, 0.09925546497106552],
      ...[0.09619397670030594, 0.0507853627204895, 0.04999999701976776, 0],
    ];
    expectNear(rates(make('cosine')), expected);
    expectNear(rates(make('cosine', { decay_steps: 200 }, { epochs: 3 })), expected);
  });

  it('CosineDecay(0.1, 100, alpha=0.2)', () => {
    const expected = [
      ...[0.10000000149011612, 0.09998025745153427, 0.09841174632310867, 0.09804226458072662, 0.09763523191213608],
      ...[0.08828427642583847, 0.020019738003611565, 0.020000001415610313, 0.020000001415610313],
    ];
    expectNear(rates(make('cosine', { decay_epochs: 10, alpha: 0.2 })), expected);
  });

  it('CosineDecay(0.01, 90, alpha=0.1, warmup_target=0.1, warmup_steps=10)', () => {
    const expected = [
      ...[0.009999999776482582, 0.01900000125169754, 0.09099999815225601, 0.10000000149011612, 0.09997259080410004],
      ...[0.0939711481332779, 0.010027412325143814, 0.010000000707805157, 0.010000000707805157],
    ];
    const given = { alpha: 0.1, warmup_target: 0.1, warmup_steps: 10 };
    expectNear(rates(make('cosine', given, { learningRate: 0.01, epochs: 10 })), expected);
  });

  it('CosineDecay(0, 190, alpha=0.1, warmup_target=0.1, warmup_steps=10), as a warm-up before another schedule', () => {
    const expected = [
      ...[0, 0.010000000707805157, 0.08999999612569809, 0.10000000149011612, 0.09999385476112366],
      ...[0.09862301498651505, 0.059457045048475266, 0.0587160661816597, 0.010000000707805157],
    ];
    expectNear(rates(make('warm_up', { steps: 10, followed_by: { cosine: { alpha: 0.1 } } })), expected);
    expectNear(rates(make('warm_up', { epochs: 1, followed_by: { cosine: { alpha: 0.1 } } })), expected);
  });

  it('CosineDecay(0.02, 1000, warmup_target=0.1, warmup_steps=10), while it rises', () => {
    const warmedUp = rates(make('warm_up', { start_factor: 0.2 })).slice(0, 3);
    expectNear(warmedUp, [0.019999999552965164, 0.02800000086426735, 0.09199999272823334]);
  });
});

describe('a plateau', () => {
  const values = [1, 0.9, 0.95, 0.9, 0.91, 0.89, 0.8999, 0.9, 0.9, 0.9, 0.9, 0.9];
  const ratesAfter = (schedule: Schedule, watched: readonly number[]) =>
    watched.map((value, index) => {
      schedule.endEpoch?.(index + 1, value);
      return schedule.at(10 * (index + 1) + 1);
    });

  // As the callback of Keras 3.15.1 set the learning rate when `on_epoch_end` was called with each value.
  const cases: readonly [Given, readonly number[]][] = [
    [{ patience: 2 }, [0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.01, 1e-3, 1e-3, 1e-4, 1e-4, 1e-5]],
    [
      { patience: 2, factor: 0.5, cooldown: 2, min_delta: 0.02 },
      [0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025, 0.025, 0.025, 0.0125, 0.0125, 0.0125],
    ],
    [
      { patience: 1, factor: 0.3, min_lr: 0.004 },
      [0.1, 0.1, 0.03, 0.009, 0.004, 0.004, 0.004, 0.004, 0.004, 0.004, 0.004, 0.004],
    ],
  ];
  it.each(cases)('with %j lowers the learning rate when ReduceLROnPlateau does', (given, expected) => {
    expectNear(ratesAfter(make('plateau', given), values), expected);
  });

  it('watches for more where more is better', () => {
    const expected = [0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.025, 0.025, 0.0125, 0.0125, 0.00625];
    const given = { patience: 2, factor: 0.5, cooldown: 1, min_delta: 0 };
    const negative = values.map((value) => -value);
    expectNear(ratesAfter(make('plateau', { ...given, mode: 'max' }), negative), expected);
    expectNear(ratesAfter(make('plateau', { ...given, monitor: 'val_accuracy' }), negative), expected);
    expect(make('plateau', { monitor: 'val_accuracy' }).monitor).toBe('val_accuracy');
  });

  it('never takes what is no number for the best value', () => {
    expectNear(ratesAfter(make('plateau', { patience: 2 }), [Number.NaN, 1, 0.9, 0.8]), [0.1, 0.1, 0.1, 0.1]);
  });

  it('goes on from what a checkpoint kept', () => {
    const given = { patience: 2, factor: 0.5, cooldown: 2, min_delta: 0.02 };
    const whole = ratesAfter(make('plateau', given), values);
    const first = make('plateau', given);
    ratesAfter(first, values.slice(0, 5));
    const second = make('plateau', given);
    second.restore?.(JSON.parse(JSON.stringify(first.state?.())));
    expect(second.at(51)).toBe(first.at(51));
    expect(ratesAfter(second, values.slice(5))).toEqual(whole.slice(5));
  });

  it('waits for the end of a warm-up', () => {
    const parameters = { epochs: 3, followed_by: { plateau: { patience: 1 } } };
    const schedule = make('warm_up', parameters);
    expect(schedule.monitor).toBe('val_loss');
    for (const epoch of [1, 2, 3]) schedule.endEpoch?.(epoch, epoch);
    expect(schedule.at(31)).toBeCloseTo(0.1, 12);
    for (const epoch of [4, 5]) schedule.endEpoch?.(epoch, epoch);
    expect(schedule.at(51)).toBeCloseTo(0.01, 12);
    const resumed = make('warm_up', parameters);
    resumed.restore?.(JSON.parse(JSON.stringify(schedule.state?.())));
    expect(resumed.at(51)).toBe(schedule.at(51));
  });
});

describe('boundaries in epochs', () => {
  it('change the learning rate with the first step of the next epoch', () => {
    const schedule = make('step', { boundary_epochs: [2, 3.5], factor: 0.5 });
    expectNear([1, 20, 21, 35, 36, 200].map(schedule.at), [0.1, 0.1, 0.05, 0.05, 0.025, 0.025]);
  });
});
