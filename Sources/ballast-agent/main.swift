import Agent
import Balloon
import Glibc
import Linux

// One binary, two roles: the agent, and the holders that it starts.
if HolderMain.isRequested(CommandLine.arguments) { HolderMain.run(CommandLine.arguments) }
exit(AgentMain.run(CommandLine.arguments))
