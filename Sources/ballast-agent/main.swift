import Agent
import Balloon
import Glibc
import Linux

// One binary, several roles: the agent, the holders that it starts, and the process that reclaims for it.
if HolderMain.isRequested(CommandLine.arguments) { HolderMain.run(CommandLine.arguments) }
if ReclaimRole.isRequested(CommandLine.arguments) { exit(ReclaimRole.run(CommandLine.arguments)) }
exit(AgentMain.run(CommandLine.arguments))
