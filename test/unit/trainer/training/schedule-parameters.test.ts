import { describe, expect, it } from 'vitest';
import { parseSection, type SettingText } from '../../../../trainer/configuration/from-text.ts';
import { schedules } from '../../../../trainer/training/schedules/index.ts';
import type { ScheduleDefinition } from '../../../../trainer/training/schedules/schedule.ts';

/** As the configuration reads them: from text. */
const read = (name: string, given: Readonly<Record<string, SettingText>>) =>
  parseSection('training.schedule_parameters', given, (schedules[name] as ScheduleDefinition).parameters);

describe('parameters as people write them', () => {
  it('name the schedule after a warm-up alone or with its parameters', () => {
    const cosine = { cosine: { alpha: 0 } };
    expect(read('warm_up', {})).toEqual({ start_factor: 0, followed_by: { constant: {} } });
    expect(read('warm_up', { epochs: '0.5', followed_by: 'cosine' })).toMatchObject({
      epochs: 0.5,
      followed_by: cosine,
    });
    expect(read('warm_up', { followed_by: { cosine: {} } })).toMatchObject({ followed_by: cosine });
    expect(read('warm_up', { followed_by: { step: { boundaries: ['5', '7'] } } })).toMatchObject({
      followed_by: { step: { boundaries: [5, 7], factor: 0.1 } },
    });
  });

  const wrong: readonly [string, Readonly<Record<string, SettingText>>, string][] = [
    ['exponential', { decay_steps: '0' }, "decay_steps is '0': too small: expected number to be >=1."],
    [
      'exponential',
      { decay_steps: '5', decay_epochs: '1' },
      "decay_epochs is '1': expected decay_steps or decay_epochs, not both.",
    ],
    [
      'step',
      {},
      'boundaries is missing: expected the steps after which the learning rate changes, or boundary_epochs.',
    ],
    [
      'step',
      { boundaries: ['7', '5'] },
      'boundaries is ["7","5"]: expected numbers above 0, each larger than the one before it.',
    ],
    [
      'step',
      { boundaries: ['5'], values: ['1'] },
      'values is ["1"]: expected one learning rate more than there are boundaries.',
    ],
    [
      'cosine',
      { warmup_steps: '5' },
      'warmup_target is missing: expected the learning rate to which the warm-up rises.',
    ],
    [
      'warm_up',
      { followed_by: 'cosin' },
      "followed_by is 'cosin': expected one of constant, step, exponential, cosine, plateau, alone or with its parameters.",
    ],
    [
      'warm_up',
      { followed_by: {} },
      'followed_by is {}: expected one of constant, step, exponential, cosine, plateau, alone or with its parameters.',
    ],
    [
      'warm_up',
      { followed_by: { cosine: { alpha: '2' } } },
      "followed_by.cosine.alpha is '2': too big: expected number to be <=1.",
    ],
    [
      'warm_up',
      { followed_by: { cosine: { alpha: 'much' } } },
      'followed_by is {"cosine":{"alpha":"much"}}: for cosine.alpha, expected number, received string.',
    ],
    [
      'warm_up',
      { followed_by: 'step' },
      'followed_by.step.boundaries is missing: expected the steps after which the learning rate changes, or boundary_epochs.',
    ],
  ];
  it('of the schedule that follows are refused by their whole names, with the nearest', () => {
    const path = 'training.schedule_parameters.followed_by.cosine';
    expect(() => read('warm_up', { followed_by: { cosine: { alpa: '2' } } })).toThrow(
      expect.objectContaining({
        setting: `${path}.alpa`,
        message: `There is no setting named ${path}.alpa.`,
        hint: `Did you mean ${path}.alpha?`,
      }),
    );
  });

  it.each(wrong)('of %s %j are refused where they do not fit', (name, given, message) => {
    expect(() => read(name, given)).toThrow(`Setting training.schedule_parameters.${message}`);
  });
});
