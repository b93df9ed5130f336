export { endAgent } from './agent-process.ts';
export {
  agentLives,
  type ControlRequest,
  type ControlSocket,
  sendControlRequest,
  watchAgent,
} from './control-socket.ts';
export { holdRun } from './hold-run.ts';
export {
  agentExitHeld,
  agentExitUnheard,
  crashLogName,
  isHandedValues,
  type StandbyAgent,
  spawnAgent,
  standbyArgument,
  startStandbyAgent,
} from './spawn-agent.ts';
