/// The version of the host side.
public enum BallastVersion {
    /// As printed by `--version` and told by `GET /v1/status`.
    public static let current = "0.2.0"
}
