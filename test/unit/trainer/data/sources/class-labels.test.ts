import { describe, expect, it } from 'vitest';
import { classLabels } from '../../../../../trainer/data/sources/class-labels.ts';

const where = (place: number) => `in row ${place + 2} of t.csv`;

describe('classLabels', () => {
  it.each([
    ['sorts names', ['b', 'a', 'b'], [], ['a', 'b'], [1, 0, 1]],
    ['sorts whole numbers by value', ['10', '9', '-1'], [], ['-1', '9', '10'], [2, 1, 0]],
    ['takes given names', ['b', 'a'], ['c', 'b', 'a'], ['c', 'b', 'a'], [1, 2]],
    ['takes whole numbers for places among given names', ['1', '0'], ['x', 'y'], ['x', 'y'], [1, 0]],
    ['takes whole numbers for names where they are given as such', ['7', '3'], ['7', '3'], ['7', '3'], [0, 1]],
  ])('%s', (_, written, given, classNames, labels) => {
    expect(classLabels(written, given, where)).toEqual({ classNames, labels });
  });

  it('gives no classes where nothing is labelled', () => {
    expect(classLabels([null, null], [], where)).toEqual({ classNames: [], labels: [0, 0] });
    expect(() => classLabels([null], ['a'], where)).toThrow('names classes, but no labels are read');
  });

  it.each([
    [
      'a name that is none',
      ['a', 'x'],
      ['a', 'b'],
      "The label 'x' in row 3 of t.csv is no class: the classes are a, b.",
    ],
    [
      'a number beyond the names',
      ['0', '2'],
      ['a', 'b'],
      "The label '2' in row 3 of t.csv is no class: there are 2 class names, so labels are 0 to 1.",
    ],
    ['an empty label', ['a', ''], [], 'The label in row 3 of t.csv is empty.'],
    ['a class that is named twice', ['a'], ['a', 'a'], 'Setting data_loader.class_names names the class a twice.'],
  ])('refuses %s', (_, written, given, message) => {
    expect(() => classLabels(written, given, where)).toThrow(message);
  });
});
