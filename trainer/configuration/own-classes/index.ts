import { z } from 'zod';
import { Component, type ComponentClass } from '../../components/component.ts';
import type { Settings } from '../sections.ts';
import { placed } from '../setting-error.ts';
import { findClassFile, isOwnClassName } from './class-file.ts';
import { codeFolderOf } from './code-place.ts';
import { baseClasses, type ClassParameter, importClass } from './import-class.ts';
import { registerHooks } from './register-hooks.ts';

/** Classes of a person's own by the parameter that names them. */
export type OwnClasses = { readonly [Parameter in ClassParameter]?: ComponentClass<unknown> };

/** Stands for a class whose file was found and not run: whatever it is given is taken, and nothing is known of it. */
export class UnreadComponent extends Component {
  static override readonly parameters = z.looseObject({}) as unknown as z.ZodObject;

  /** Of a network and of an evaluator: not known. */
  readonly task = null;

  /** What is asked of a network before anything is read. */
  checkParameters(): void {}

  checkImageSize(): void {}
}

/** Where classes are looked for. */
export interface OwnClassesOptions {
  /** What `src_code_path` is relative to. */
  readonly workingDirectory: string;
  /** False to find the files and run none of them. */
  readonly runsCode: boolean;
}

/**
 * The classes that the settings name by `file.Class`: exports of files below `src_code_path`.
 * Throws UsageError, with its place where a file gave the name, for a class that cannot be had.
 */
export async function loadOwnClasses(settings: Settings, options: OwnClassesOptions): Promise<OwnClasses> {
  const { parameters } = settings;
  const names = (Object.keys(baseClasses) as ClassParameter[]).filter((key) => isOwnClassName(parameters[key]));
  if (names.length === 0) return {};
  const codeFolder = codeFolderOf(parameters, options.workingDirectory);
  try {
    const wanted = names.map((key) => findClassFile(key, parameters[key], codeFolder));
    if (!options.runsCode) return Object.fromEntries(names.map((key) => [key, UnreadComponent]));
    registerHooks();
    const classes: [string, ComponentClass<unknown>][] = [];
    // One after the other, so that the first that is wrong is the one that is told.
    for (const one of wanted) classes.push([one.parameter, await importClass(one, codeFolder)]);
    return Object.fromEntries(classes);
  } catch (error) {
    throw placed(error, settings.places);
  }
}
