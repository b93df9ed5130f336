export { agentLives, type ControlRequest, sendControlRequest, watchAgent } from './control-socket.ts';
export {
  agentExitHeld,
  crashLogName,
  type StandbyAgent,
  spawnAgent,
  standbyArgument,
  startStandbyAgent,
} from './spawn-agent.ts';
