export { agentLives, type ControlRequest, sendControlRequest, watchAgent } from './control-socket.ts';
export {
  agentExitHeld,
  crashLogName,
  isHandedValues,
  type StandbyAgent,
  spawnAgent,
  standbyArgument,
  startStandbyAgent,
} from './spawn-agent.ts';
