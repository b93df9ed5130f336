import { execFileSync } from 'node:child_process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { z } from 'zod';
import { closest } from '../../../src/util/closest.ts';
import { Component, type ComponentClass } from '../../components/component.ts';
import { DataLoader } from '../../components/data-loader.ts';
import { Evaluator } from '../../components/evaluator.ts';
import { ModelBuilder } from '../../components/model-builder.ts';
import { Augmentor, Preprocessor } from '../../components/preprocessor.ts';
import { ListLoader, listParameters } from '../../data/loaders/list-loader.ts';
import { SettingError } from '../setting-error.ts';
import type { OwnClassName } from './class-file.ts';
import { placeOf, textOf } from './code-place.ts';

/** The base class of what each parameter names. */
export const baseClasses = {
  data_loader_class: DataLoader,
  augmentor_class: Augmentor,
  preprocessor_class: Preprocessor,
  model_builder_class: ModelBuilder,
  evaluator_class: Evaluator,
} as const;

export type ClassParameter = keyof typeof baseClasses;

/**
 * Imports the file of a class and returns its export.
 * Throws SettingError for a file that throws or cannot be read as code, with its line; an export that is not there, with
 * those that are; and one that is no component of this kind.
 */
export async function importClass(wanted: OwnClassName, codeFolder: string): Promise<ComponentClass<unknown>> {
  const { name, parameter, file, exportName } = wanted;
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = await importAll(file);
  } catch (error) {
    throw cannotImport(wanted, codeFolder, error);
  }
  if (!Object.hasOwn(exported, exportName)) throw noSuchExport(wanted, Object.keys(exported));
  const value = exported[exportName];
  const base = baseClasses[parameter as ClassParameter];
  if (typeof value !== 'function' || !(value.prototype instanceof base)) {
    throw new SettingError(parameter, `Parameter ${parameter} is '${name}', which is ${kindOf(value)}.`, {
      hint: `It must be a class that extends ${base.name} of slipway/trainer: ${file}`,
    });
  }
  const { parameters } = value as unknown as ComponentClass<unknown>;
  // By what it can do: a schema of another copy of zod is as good.
  if (typeof (parameters as { safeParse?: unknown } | undefined)?.safeParse !== 'function' || !isObject(parameters)) {
    throw new SettingError(parameter, `The static parameters of ${name} are no zod object.`, {
      hint: `Write \`static override readonly parameters = z.strictObject({…})\`, with z of slipway/trainer: ${file}`,
    });
  }
  const lacking = value.prototype instanceof ListLoader ? missingIn(parameters) : undefined;
  if (lacking !== undefined) {
    throw new SettingError(parameter, `The static parameters of ${name} lack ${lacking}.`, {
      hint: `Write \`static override readonly parameters = listParameters.extend({…})\`, with listParameters of slipway/trainer: ${file}`,
    });
  }
  return value as unknown as ComponentClass<unknown>;
}

/** A parameter that every loader of a list needs and a schema does not have. */
function missingIn({ shape }: z.ZodObject): string | undefined {
  return Object.keys(listParameters.shape).find((key) => !Object.hasOwn(shape, key));
}

/**
 * What a file exports. A promise that it began and that fails counts as its own failure; of a CommonJS file that throws,
 * Node.js 20 fails a promise of its own besides, which would end the process.
 */
async function importAll(file: string): Promise<Readonly<Record<string, unknown>>> {
  const failures: unknown[] = [];
  const note = (reason: unknown): void => void failures.push(reason);
  process.on('unhandledRejection', note);
  try {
    const exported = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
    await nextTurn();
    if (failures.length > 0) throw failures[0];
    return exported;
  } catch (error) {
    await nextTurn();
    throw error;
  } finally {
    process.off('unhandledRejection', note);
  }
}

function isObject(schema: z.ZodType): boolean {
  return typeof (schema as Partial<z.ZodObject>).shape === 'object';
}

function kindOf(value: unknown): string {
  if (typeof value !== 'function')
    return `no class, but ${value === null ? 'null' : `a value of type ${typeof value}`}`;
  const kinds = Object.values(baseClasses);
  const base = kinds.find((kind) => value.prototype instanceof kind);
  if (base !== undefined) return `${/^[AE]/.test(base.name) ? 'an' : 'a'} ${base.name}`;
  return value.prototype instanceof Component ? 'a component of no known kind' : 'no component of a training';
}

function noSuchExport({ parameter, name, file, exportName }: OwnClassName, names: readonly string[]): SettingError {
  const nearest = closest(exportName, names);
  const all = names.length === 0 ? 'It exports nothing.' : `It exports ${names.join(', ')}.`;
  return new SettingError(parameter, `Parameter ${parameter} is '${name}', but ${file} exports no ${exportName}.`, {
    hint: nearest === undefined ? all : `Did you mean ${nearest}? ${all}`,
  });
}

function cannotImport({ parameter, name, file }: OwnClassName, codeFolder: string, error: unknown): SettingError {
  const place = placeOf(error, codeFolder) ?? syntaxPlace(error, file) ?? file;
  return new SettingError(parameter, `The class ${name} cannot be loaded: ${place}: ${textOf(error)}`, {
    cause: error,
  });
}

/** Node.js keeps the place of a syntax error in JavaScript to itself, and tells it when it is asked to check the file. */
function syntaxPlace(error: unknown, file: string): string | null {
  if (!(error instanceof SyntaxError) || !/\.m?js$/.test(file)) return null;
  try {
    execFileSync(process.execPath, ['--check', file], { stdio: 'pipe', encoding: 'utf8' });
    return null;
  } catch (checked) {
    return lineIn(String((checked as { stderr?: unknown }).stderr), file);
  }
}

function lineIn(text: string, file: string): string | null {
  const line = /^(?:file:\/\/)?\/.*:(\d+)$/m.exec(text)?.[1];
  return line === undefined ? null : `${file}, line ${line}`;
}
