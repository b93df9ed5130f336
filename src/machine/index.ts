export { adoptionText } from './adopt-orphans.ts';
export { storagesToSearch } from './known-storages.ts';
export { listMachine, type MachineList, type MachineRun } from './list-machine.ts';
export { machineTable } from './machine-table.ts';
