export { type Check, type Finding, type Group, groups, type Mend, type Status } from './check.ts';
export { type DoctorRequest, openContext } from './context.ts';
export { type DoctorScreen, openDoctorScreen } from './doctor-screen.ts';
export { groupLines, summarySentence } from './finding-lines.ts';
export { affectedChecks, planRepairs, type Repair, type Repaired, runRepair } from './fix.ts';
export { ownName } from './mend-commands.ts';
export { allChecks } from './registry.ts';
export { runChecks } from './runner.ts';
