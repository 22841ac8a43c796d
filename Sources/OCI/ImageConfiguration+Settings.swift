// SPDX-License-Identifier: Apache-2.0

extension ImageConfiguration {
    /// What an image tells its containers: `config` of its configuration. Every part may be missing.
    public struct Settings: Hashable, Sendable, Codable {
        /// `user`, `uid`, `user:group` …; empty or `nil` is root.
        public var user: String?
        /// Keys like `80/tcp`.
        public var exposedPorts: [String: Empty]?
        /// `NAME=VALUE`.
        public var environment: [String]?
        /// Put before the command.
        public var entrypoint: [String]?
        /// What runs where no command is given.
        public var command: [String]?
        /// Keys are directories.
        public var volumes: [String: Empty]?
        /// Empty or `nil` is `/`.
        public var workingDirectory: String?
        /// Labels.
        public var labels: [String: String]?
        /// The name or number of what `stop` sends.
        public var stopSignal: String?
        /// Whether the command is one line already (Windows only).
        public var argsEscaped: Bool?
        /// The shell of shell forms.
        public var shell: [String]?
        /// Instructions for builds that start from this image.
        public var onBuild: [String]?
        /// How to find out whether the program is well.
        public var healthcheck: Healthcheck?

        private enum CodingKeys: String, CodingKey {
            case user = "User"
            case exposedPorts = "ExposedPorts"
            case environment = "Env"
            case entrypoint = "Entrypoint"
            case command = "Cmd"
            case volumes = "Volumes"
            case workingDirectory = "WorkingDir"
            case labels = "Labels"
            case stopSignal = "StopSignal"
            case argsEscaped = "ArgsEscaped"
            case shell = "Shell"
            case onBuild = "OnBuild"
            case healthcheck = "Healthcheck"
        }

        /// Nothing set.
        public init() {}
    }

    /// Go's empty struct, the value in the sets that the format writes as objects.
    public struct Empty: Hashable, Sendable, Codable {
        /// Nothing.
        public init() {}
    }

    /// How to find out whether the program is well; times are nanoseconds, and zero means what is inherited.
    public struct Healthcheck: Hashable, Sendable, Codable {
        /// `["NONE"]`, `["CMD", …]` or `["CMD-SHELL", line]`.
        public var test: [String]?
        /// Between two checks.
        public var interval: Int64?
        /// For one check.
        public var timeout: Int64?
        /// How long failures do not count after the start.
        public var startPeriod: Int64?
        /// Between two checks during that time.
        public var startInterval: Int64?
        /// Failures in a row that count.
        public var retries: Int?

        private enum CodingKeys: String, CodingKey {
            case test = "Test"
            case interval = "Interval"
            case timeout = "Timeout"
            case startPeriod = "StartPeriod"
            case startInterval = "StartInterval"
            case retries = "Retries"
        }

        /// Nothing set.
        public init() {}
    }
}
