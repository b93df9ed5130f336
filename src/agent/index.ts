export { endAgent } from './agent-process.ts';
export {
  agentLives,
  type ControlRequest,
  type ControlSocket,
  type SyncRequest,
  sendControlRequest,
  watchAgent,
} from './control-socket.ts';
export { holdRun } from './hold-run.ts';
export { sendSyncRequest } from './send-sync-request.ts';
export {
  agentExitHeld,
  agentExitUnheard,
  crashLogName,
  isHandedValues,
  type StandbyAgent,
  sendArgument,
  spawnAgent,
  standbyArgument,
  startStandbyAgent,
} from './spawn-agent.ts';
export type { SyncReply } from './sync-requests.ts';
