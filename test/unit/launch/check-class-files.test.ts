import { describe, expect, it } from 'vitest';
import { checkClassFiles } from '../../../src/launch/check-class-files.ts';

describe("a class of a person's own in a clone of Slipway, for its image", () => {
  it.each<Record<string, string>>([
    { data_loader_class: 'dataset.Mine', src_code_path: 'mycode' },
    { data_loader_class: 'dataset.Mine', src_code_path: '' },
    { model_builder_class: 'network.Mine', src_code_path: 'runs/../mycode' },
  ])('is refused where the image does not hold its file: %j', (used) => {
    expect(() => checkClassFiles(used)).toThrow('lies outside runs and src');
  });

  it.each<Record<string, string>>([
    { data_loader_class: 'dataset.Mine', src_code_path: 'runs/wide' },
    { data_loader_class: 'runs.wide.dataset.Mine', src_code_path: '' },
    { data_loader_class: 'dataset.Mine', src_code_path: './src' },
    { data_loader_class: 'dataset.Mine', src_code_path: '/storage/classes' },
    { data_loader_class: 'synthetic_cells', src_code_path: 'mycode', data: 'a.zip' },
  ])('is taken where it does, or where it is none: %j', (used) => {
    expect(() => checkClassFiles(used)).not.toThrow();
  });
});
