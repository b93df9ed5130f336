import { z } from 'zod';

/** The parameter that says where the data lies. */
export const location = (what: string) =>
  z
    .string({ error: `expected the path of ${what}` })
    .min(1, `expected the path of ${what}`)
    .describe(`Path of ${what}.`);

/** The parameter that fixes names and order of the classes. */
export const classNames = z
  .array(z.string().min(1))
  .default([])
  .describe('Names of the classes in their order; where none are given they come from the data, sorted.');

const column = (what: string) => z.string().default('').describe(`Column ${what}; empty means that there is none.`);

/** The parameters of data whose labels stand in a table. */
export const tableColumns = {
  label_column: z
    .string()
    .default('label')
    .describe('Column of the class, as a name or a whole number; empty means that there are no classes.'),
  weight_column: column('of what a sample counts in the loss'),
  group_column: column('of whom a sample belongs to: samples of a group are not parted'),
} as const;

/** The parameters of data whose labels stand in a CSV file. */
export const csvColumns = {
  ...tableColumns,
  separator: z
    .string()
    .regex(/^[^"\r\n\u0080-\uffff]$/, 'expected one character, as , or ; or a tab')
    .default(',')
    .describe('Character between the cells of a row.'),
} as const;

const arrayName = (what: string) =>
  z.string().default('').describe(`Name of the array of ${what}; empty: there is none.`);

/** The parameters of tables that say where each sample is, or hold it. */
export const sampleColumns = {
  image_column: column('of the image'),
  image_folder: z
    .string()
    .default('')
    .describe('Folder or zip that paths of images begin in; empty: the folder of the table.'),
  feature_columns: z
    .array(z.string().min(1))
    .default([])
    .describe('Columns of numbers that the network gets; empty means all that are nothing else.'),
  id_column: column('of what a sample is called; by default it is its row or its path'),
  split_column: column('of the part a sample is for: train, validation or test'),
} as const;

/** The parameters of files that hold arrays by name. */
export const arrayNames = {
  images: z.string().min(1).default('imgs').describe('Name of the array of images, or of rows of numbers.'),
  labels: z
    .string()
    .default('labels')
    .describe(
      'Name of the array of labels: whole numbers, names, or a column a class of which one is 1; empty means that there are no classes.',
    ),
  validation_images: arrayName('images for validation'),
  validation_labels: arrayName('labels for validation'),
  test_images: arrayName('images for the test'),
  test_labels: arrayName('labels for the test'),
} as const;
