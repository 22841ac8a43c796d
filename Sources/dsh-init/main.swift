// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux

// PID 1 of a container that was asked for with --init: `docker-init -- FILE ARGUMENT…`, the first argument being the
// program's zeroth. The kernel gives PID 1 no default for signals, and every orphan of the container becomes its child.

let words = Array(CommandLine.arguments.dropFirst())
guard words.count >= 3, words[0] == "--" else {
    InitProgram.complain("it is started by --init only")
    exit(125)
}
do {
    exit(try InitProgram(file: words[1], arguments: Array(words[2...])).run())
} catch {
    InitProgram.complain("\(error)")
    exit(125)
}
