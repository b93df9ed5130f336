/** Launches of tests remember no storage of theirs in the home of whoever runs them: nothing can be written there. */
const noStateHome = '/dev/null/state';

/**
 * The environment of a person who has set nothing: without the variables of Slipway, MLflow, make and npm that this
 * process may have inherited. `changes` are added; undefined removes a variable.
 */
export function plainEnvironment(changes: Readonly<Record<string, string | undefined>> = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(SLIPWAY_(?!TEST_)|MLFLOW_|MAKE|MFLAGS$|npm_|NODE_ENV$)/.test(name),
  );
  const changed = { ...Object.fromEntries(inherited), XDG_STATE_HOME: noStateHome, ...changes };
  return Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined));
}
