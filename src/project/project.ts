/** What a parameter's value may be. `path` and `uri` are checked to exist and to have a scheme. */
export type ParameterType = 'float' | 'int' | 'string' | 'bool' | 'path' | 'uri';

/** One parameter of an entry point, as the MLproject declares it. Values are the text of the file: `1e-05` stays so. */
export interface ParameterDeclaration {
  readonly name: string;
  readonly type: ParameterType;
  /** Null where a value must be given. */
  readonly default: string | null;
  readonly description: string | null;
  /** Smallest value allowed, of an int or a float. */
  readonly min: number | null;
  /** Greatest value allowed, of an int or a float. */
  readonly max: number | null;
  /** The only values allowed. */
  readonly choices: readonly string[] | null;
}

export interface EntryPoint {
  readonly name: string;
  /** A template for a POSIX shell: `{name}` is a parameter, `{{` and `}}` are braces. */
  readonly command: string;
  /** In the order of the file. */
  readonly parameters: readonly ParameterDeclaration[];
  /** True for a script named as an entry point without being declared: it takes any parameter. */
  readonly isScript: boolean;
}

/** `docker_env` of an MLproject. */
export interface DockerEnvironment {
  readonly image: string | null;
  /** As for `docker run --volume`, as written. */
  readonly volumes: readonly string[];
  /** A value, or null where it is copied from the launcher's environment. */
  readonly environment: Readonly<Record<string, string | null>>;
  /** Path of a Dockerfile below the project's folder (an extension of ours). */
  readonly dockerfile: string | null;
  /** As for `docker run --gpus` (an extension of ours). */
  readonly gpus: string | null;
}

export interface Project {
  /** Absolute folder of the project. */
  readonly directory: string;
  /** Absolute path of its MLproject. */
  readonly file: string;
  /** As declared, else the folder's name. */
  readonly name: string;
  readonly docker: DockerEnvironment | null;
  readonly entryPoints: Readonly<Record<string, EntryPoint>>;
  /** Whether undeclared parameters are refused instead of passed on. */
  readonly strictParameters: boolean;
  /** The default experiment (an extension of ours). */
  readonly projectName: string | null;
  /** The default registered model: a name, false for none, null where the file does not say. */
  readonly registerModel: string | false | null;
  /** The metric a person looks at first. */
  readonly primaryMetric: string | null;
  /** Things of the file that have no effect: one sentence each. */
  readonly warnings: readonly string[];
}
