/** The release of MLflow that both ways of running the server install. */
export const mlflowVersion = '3.17.2';

/**
 * Arguments of `mlflow`, the same in a container and in a process: paths are relative to `<storage>/mlflow`, the
 * server's working directory, so that either way serves what the other wrote.
 */
export function serverArguments(host: string, port: number): string[] {
  return [
    'server',
    ...['--host', host, '--port', String(port), '--workers', '1'],
    ...['--backend-store-uri', 'sqlite:///mlflow.db'],
    ...['--serve-artifacts', '--artifacts-destination', 'artifacts', '--default-artifact-root', 'mlflow-artifacts:/'],
    // A line for each request would fill the disk.
    ...['--uvicorn-opts', '--log-level warning --no-access-log'],
  ];
}

/** Environment of `mlflow`, besides PATH and HOME. */
export const serverEnvironment: Readonly<Record<string, string>> = {
  // Background jobs serve features we do not use, with eight more processes.
  MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
  MLFLOW_DISABLE_TELEMETRY: 'true',
  GIT_PYTHON_REFRESH: 'quiet',
  PYTHONUNBUFFERED: '1',
};
