/** A running embedded tracking server, as recorded in `<storage>/mlflow/server.json`. */
export interface TrackingServer {
  /** `http://127.0.0.1:<port>` */
  readonly uri: string;
  readonly port: number;
  /** How it runs: a container of the Docker engine, or a process from a Python virtual environment. */
  readonly kind: 'docker' | 'python';
  readonly mlflowVersion: string;
  /** Container id or process id. */
  readonly id: string;
  readonly startedAtMs: number;
}
