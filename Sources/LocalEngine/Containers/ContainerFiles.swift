// SPDX-License-Identifier: Apache-2.0

import MonitorProtocol

/// The names in the two directories of a container.
struct ContainerFiles: Hashable, Sendable {
    /// `DSH_ROOT/containers/ID`: what outlives the machine's restart.
    let directory: String
    /// `DSH_RUN/containers/ID`: what a supervisor needs while it lives.
    let runDirectory: String

    init(_ paths: EnginePaths, _ id: String) {
        directory = paths.container(id)
        runDirectory = paths.run(id)
    }

    /// The container's own changes.
    var upper: String { directory + "/upper" }
    /// Overlayfs's scratch directory.
    var work: String { directory + "/work" }
    var log: String { directory + "/log" }
    var hosts: String { directory + "/hosts" }
    var hostname: String { directory + "/hostname" }
    var resolvConf: String { directory + "/resolv.conf" }
    /// What the last start reported: process, ports, adjustments. Gone with the run directory.
    var started: String { runDirectory + "/started" }
    var places: MonitorPlaces { MonitorPlaces(directory: directory, runDirectory: runDirectory) }
}
