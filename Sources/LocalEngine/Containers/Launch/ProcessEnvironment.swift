// SPDX-License-Identifier: Apache-2.0

/// The environment that a program gets.
enum ProcessEnvironment {
    /// What Docker sets, changed by `settings`: `NAME=VALUE` sets, a name alone takes away.
    ///
    /// `HOME` is set by the monitor, which knows the image's passwd.
    static func make(_ settings: [String], hostname: String, hasTerminal: Bool) -> [String] {
        var environment = [ContainerDefinition.standardPath, "HOSTNAME=\(hostname)"]
        if hasTerminal { environment.append("TERM=xterm") }
        apply(settings, to: &environment)
        return environment
    }

    /// Sets and takes away, keeping the place of what is there already.
    static func apply(_ settings: [String], to environment: inout [String]) {
        for setting in settings {
            let name = setting.prefix { $0 != "=" }
            let place = environment.firstIndex { $0.hasPrefix(name + "=") }
            if name.utf8.count == setting.utf8.count {
                if let place { environment.remove(at: place) }
            } else if let place {
                environment[place] = setting
            } else {
                environment.append(setting)
            }
        }
    }
}
