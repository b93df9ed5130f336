export { checkExportable, type ExportOptions, exportModel } from './export-model.ts';
export { UnsupportedLayerError } from './unsupported-layer-error.ts';
