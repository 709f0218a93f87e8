import ArgumentParser
import HostAPI

/// The administrator's command.
@main
struct Ballastctl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ballastctl",
        abstract: "See and move the memory of guests.",
        discussion: """
            Sizes are typed as 512M, 1.5GiB or 50% (of the VM's full size); units are binary. A target is the memory \
            that the guest keeps.

            Exit status: 0 done, 1 error, 3 no such VM, 4 the daemon or the guest does not answer, 5 refused, 64 wrong \
            usage.

            Environment: BALLAST_HOST_SOCKET is the daemon's socket unless --host-socket is given; NO_COLOR switches \
            colours off.
            """,
        version: BallastVersion.current,
        subcommands: [
            StatusCommand.self, ListCommand.self, ShowCommand.self, SetTargetCommand.self, ReleaseCommand.self,
            PauseCommand.self, ResumeCommand.self, EventsCommand.self, GuestCommand.self,
        ])
}
