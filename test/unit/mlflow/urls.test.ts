import { expect, it } from 'vitest';
import {
  experimentUrl,
  loggedModelUrl,
  modelVersionUrl,
  runChartsUrl,
  runsTableUrl,
  runUrl,
} from '../../../src/mlflow/urls.ts';

it("leads people to MLflow's pages for training", () => {
  expect(runUrl('http://host:5000/mlflow/', '3', 'abc')).toBe(
    'http://host:5000/mlflow/#/experiments/3/runs/abc?workflowType=machine_learning',
  );
  expect(experimentUrl('http://host', '3')).toBe('http://host/#/experiments/3/runs?workflowType=machine_learning');
  expect(runsTableUrl('http://host', '3')).toBe(
    'http://host/#/experiments/3/runs?workflowType=machine_learning&viewStateShareKey=slipway',
  );
  expect(runChartsUrl('http://host', '3')).toContain('viewStateShareKey=slipway&compareRunsMode=CHART');
  expect(modelVersionUrl('http://host', 'my model', '2')).toBe(
    'http://host/#/models/my%20model/versions/2?workflowType=machine_learning',
  );
  expect(loggedModelUrl('http://host', '3', 'm-1')).toContain('/experiments/3/models/m-1?');
});
