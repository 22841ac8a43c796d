// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import MonitorProtocol

/// The steps between clone3(2) and execve(2), in the order in which they happen.
///
/// A failure travels through the launch channel as step and errno: a person reads `mountProc: Operation not permitted`.
enum LaunchStep: UInt8, FaultPoint {
    static let operation = "launch"
    // On the host's mounts.
    case startSession, takeSources, enterNamespaces, isolateMounts, mountRoot, pivotRoot
    // Inside the new root, alone; meanwhile the monitor makes limits and the network.
    case mountProc, mountSys, mountDev, awaitMonitor, joinCgroupNamespace, mountCgroups, raiseNetwork
    case placeInit, mountVolumes, setKernelSettings, maskPaths, protectPaths, setHostname
    case openStreams, findUser, enterDirectory, makeRootReadOnly, setLimits, joinKeyring
    // seccomp(2) needs CAP_SYS_ADMIN or no_new_privs, and setuid(2) needs CAP_SETUID: hence this order. Entering the
    // directory stands before them, since root may enter what the user may not; Docker does the same.
    case dropBoundingSet, loadSeccomp, becomeUser, setCapabilities, forbidNewPrivileges
    // prctl(2): every change of credentials clears the parent-death signal.
    case armParentDeath, closeDescriptors, execute

    /// Whether a process that joins a running container does this too.
    var belongsToExec: Bool {
        switch self {
        case .isolateMounts, .mountRoot, .pivotRoot, .mountProc, .mountSys, .mountDev,
            .joinCgroupNamespace, .mountCgroups, .raiseNetwork, .placeInit, .setKernelSettings, .maskPaths,
            .protectPaths, .setHostname, .makeRootReadOnly:
            false
        case .startSession, .takeSources, .enterNamespaces, .awaitMonitor, .mountVolumes, .openStreams, .findUser,
            .enterDirectory, .setLimits, .joinKeyring, .dropBoundingSet, .loadSeccomp, .becomeUser, .setCapabilities,
            .forbidNewPrivileges,
            .armParentDeath, .closeDescriptors, .execute:
            true
        }
    }
}

extension Launch {
    /// Runs every step once; the last one replaces the process, so this ends only by failing.
    consuming func perform() -> Never {
        for step in LaunchStep.allCases where description.kind == .container || step.belongsToExec {
            do throws(StartFailure) {
                try meetFault(step)
                try perform(step)
            } catch { channel.fail(error) }
        }
        channel.fail(StartFailure(.execute, SystemError(step: "execve returned", number: ENOSYS)))
    }

    /// What a test wants to go wrong here: the step, or the monitor, which then dies as by SIGKILL from outside.
    private func meetFault(_ step: LaunchStep) throws(StartFailure) {
        guard !description.fault.isEmpty, let fault = Fault(description.fault), fault.step == step.name else { return }
        do throws(SystemError) {
            guard fault.effect == .kill else { return try fault.happen() }
            try channel.say(.fault)
            // With the parent-death signal armed, this process ends here as well.
            channel.awaitDeathOfMonitor()
        } catch {
            throw StartFailure(step, error)
        }
    }

    private mutating func perform(_ step: LaunchStep) throws(StartFailure) {
        switch step {
        case .findUser: try findUser()
        case .enterDirectory: try enterDirectory()
        case .mountVolumes: try mountVolumes()
        case .execute: try execute()
        default:
            do throws(SystemError) { try performWithoutWords(step) } catch { throw StartFailure(step, error) }
        }
    }

    /// The steps for whose failures the kernel's reason says all.
    private mutating func performWithoutWords(_ step: LaunchStep) throws(SystemError) {
        switch step {
        case .startSession: try startSession()
        case .enterNamespaces: try enterNamespaces()
        case .takeSources: try takeSources()
        case .isolateMounts: try MountNamespace.setPropagation(.slave)
        case .mountRoot: try mountRoot()
        case .pivotRoot: try pivotRoot()
        case .mountProc: try mountProc()
        case .mountSys: try mountSys()
        case .mountDev: try mountDev()
        case .awaitMonitor: try channel.awaitRelease()
        case .joinCgroupNamespace: try Namespaces.leave(.cgroup)
        case .mountCgroups: try mountCgroups()
        case .raiseNetwork: try raiseNetwork()
        case .placeInit: try placeInit()
        case .setKernelSettings: try setKernelSettings()
        case .maskPaths: try maskPaths()
        case .protectPaths: try protectPaths()
        case .setHostname: try setHostname()
        case .openStreams: try openStreams()
        case .makeRootReadOnly: try makeRootReadOnly()
        case .setLimits: try setLimits()
        case .joinKeyring: try joinKeyring()
        case .dropBoundingSet: try Capabilities.limitBounding(to: description.process.capabilities.bounding)
        case .loadSeccomp: try loadSeccomp(withNoNewPrivileges: false)
        case .becomeUser: try becomeUser()
        case .setCapabilities: try setCapabilities()
        case .forbidNewPrivileges: try loadSeccomp(withNoNewPrivileges: true)
        case .armParentDeath: try armParentDeath()
        case .closeDescriptors: try OpenDescriptors.closeOnExecution(from: 3)
        // These have words of their own.
        case .findUser, .enterDirectory, .mountVolumes, .execute: break
        }
    }
}

extension StartFailure {
    /// A step that the kernel refused.
    init(_ step: LaunchStep, _ error: SystemError) {
        self.init(step: "\(step)", error)
    }

    /// A step, of the launch or of the monitor's own, that the kernel refused.
    init(step: String, _ error: SystemError) {
        self.init()
        self.step = step
        number = error.number
        message = "\(step): \(error)"
    }

    /// A step that failed in Docker's words.
    init(_ step: LaunchStep, _ cause: Cause, number: CInt = 0, _ message: String) {
        self.init()
        self.cause = cause
        self.step = "\(step)"
        self.number = number
        self.message = message
    }
}
