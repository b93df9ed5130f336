import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { completeMlModel } from '../../../src/stream/ml-model-file.ts';

const identity = {
  runId: 'r'.repeat(32),
  modelId: `m-${'a'.repeat(32)}`,
  artifactPath: 'mlflow-artifacts:/1/models/m-a/artifacts',
  sizeBytes: 42,
  createdAtMs: Date.UTC(2026, 10, 21, 3, 45, 12, 7),
  uuid: 'u'.repeat(32),
};
const ids = {
  artifact_path: identity.artifactPath,
  run_id: identity.runId,
  model_uuid: identity.modelId,
  model_id: identity.modelId,
  model_size_bytes: 42,
  utc_time_created: '2026-11-21 03:45:12.007000',
};

describe('completeMlModel', () => {
  it('adds the ids to YAML and leaves the rest, comments and order included', () => {
    const text = '# by hand\nflavors:\n  python_function:\n    loader_module: mlflow.tensorflow\n';
    const completed = completeMlModel(text, identity);
    expect(completed.startsWith(text)).toBe(true);
    expect(parse(completed)).toEqual({ flavors: { python_function: { loader_module: 'mlflow.tensorflow' } }, ...ids });
  });

  it('adds them to JSON, which stays JSON', () => {
    const completed = completeMlModel('{"flavors": {"tfjs": {"data": "a: b"}}, "run_id": null}', identity);
    expect(JSON.parse(completed)).toEqual({ flavors: { tfjs: { data: 'a: b' } }, ...ids });
  });

  it('keeps what the program wrote', () => {
    const completed = completeMlModel('utc_time_created: "2020-01-01 00:00:00.000000"\nrun_id: mine\n', identity);
    expect(parse(completed)).toMatchObject({ run_id: 'mine', utc_time_created: '2020-01-01 00:00:00.000000' });
  });

  it('uses a UUID where the server has no logged models', () => {
    const completed = parse(completeMlModel('flavors: {}\n', { ...identity, modelId: null, artifactPath: 'model' }));
    expect(completed).toMatchObject({ model_uuid: identity.uuid, artifact_path: 'model' });
    expect(completed).not.toHaveProperty('model_id');
  });

  it.each(['', 'a: [', '[1]', 'text'])('refuses %j with a sentence', (text) => {
    expect(() => completeMlModel(text, identity)).toThrow(/The MLmodel file is no YAML or JSON object/);
  });
});
