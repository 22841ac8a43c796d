// SPDX-License-Identifier: Apache-2.0

/// The manual page dsh(1), made from the same declarations that parse commands.
///
/// - SeeAlso: man-pages(7), groff_man(7).
struct ManualPage {
    /// The whole page in roff.
    var text: String {
        let commands = Catalogue.declarations.filter { !$0.isHidden }.sorted { $0.name < $1.name }
        return """
            .\\" Made by `dsh system man-page` from the declarations of the commands; do not edit.
            .TH DSH 1 "" dsh "User Commands"
            .SH NAME
            dsh \\- a shell for containers, with an engine of its own
            .SH SYNOPSIS
            .B dsh
            .RI [ OPTIONS ]
            .br
            .B dsh
            .RI [ OPTIONS ]
            .IR FILE.dsh " [" ARG \\&.\\|.\\|.]
            .br
            .B dsh
            .RI [ OPTIONS ]
            .IR COMMAND " [" ARG \\&.\\|.\\|.]
            .SH DESCRIPTION
            Without words, and with a terminal,
            .B dsh
            is an interactive shell; without a terminal it runs the script on its standard input.
            With words it runs the command that they name, otherwise the script file of that name, and ends.
            The same lines mean the same in all three, with or without the leading word
            .BR docker .
            Scripts are described in
            .BR dsh (5).
            .PP
            Commands, flags, columns and exit statuses follow Docker 28. There is no daemon: each container has a supervisor
            of its own and outlives the shell.

            """ + options + ".SH COMMANDS\n" + commands.map(section).joined() + words + closing
    }

    /// The options of dsh itself.
    private var options: String {
        ".SH OPTIONS\n"
            + ProcessOptions.all.map { option in
                ".TP\n.BI \(Self.escaped("--" + option.name)) \" \(option.value)\"\n"
                    + Self.escaped(option.summary.english) + ".\n"
            }.joined()
            + ".TP\n.B \\-\\-help\nShow the commands, or with a command its usage.\n.TP\n.B \\-\\-version\nShow the version.\n"
    }

    private func section(_ command: CommandDeclaration) -> String {
        var text = ".SS \"\(Self.escaped(command.name))\"\n.B dsh \(Self.escaped(command.name))\n"
        if !command.usage.isEmpty { text += Self.escaped(command.usage) + "\n" }
        text += ".PP\n" + Self.escaped(command.summary.english) + ".\n"
        if let details = command.details { text += Self.escaped(details.english) + "\n" }
        if command.names.count > 1 {
            text += "Also:\n.BR " + Self.escaped(command.names.dropFirst().joined(separator: ", ")).quoted + ".\n"
        }
        for flag in command.flags.sorted(by: { $0.long < $1.long }) {
            let names = Self.escaped((flag.short.map { "-\($0), " } ?? "") + "--" + flag.long)
            switch flag.value {
            case .none, .onByDefault: text += ".TP\n.B \(names.quoted)\n"
            case .one(let word), .many(let word): text += ".TP\n.BI \(names.quoted) \" \(Self.escaped(word))\"\n"
            }
            text += Self.escaped(flag.summary.english) + ".\n"
        }
        return text
    }

    /// Words that only the shell and scripts know.
    private var words: String {
        ".SH \"WORDS OF THE SHELL\"\n"
            + Catalogue.shellWords.map { word in
                let usage = Self.escaped((word.name + " " + word.usage).trimmingTrailingSpaces)
                return ".TP\n.B \(usage.quoted)\n\(Self.escaped(word.summary.english)).\n"
            }.joined()
    }

    private var closing: String {
        """
        .SH "EXIT STATUS"
        .TP
        .B 125
        The engine failed, or a flag was wrong.
        .TP
        .B 126
        The program in the container cannot be invoked.
        .TP
        .B 127
        The program in the container was not found.
        .TP
        .B 128+n
        The program was ended by signal n.
        .PP
        Otherwise the program's own status for
        .BR run ", " exec ", " attach " and " "start \\-a" ,
        0 for success and 1 for failure of every other command.
        .SH ENVIRONMENT
        .TP
        .B DSH_ROOT
        Where images and containers are kept; /var/lib/dsh unless set.
        .TP
        .B DSH_RUN
        Where sockets and locks are; /run/dsh unless set.
        .TP
        .B DSH_LOG
        With
        .B debug
        the causes of failures are shown too.
        .TP
        .BR LC_ALL ", " LC_MESSAGES ", " LANG
        Messages are in Korean where the first that is set begins with ko, otherwise in English.
        .TP
        .B NO_COLOR
        When set, nothing is coloured.
        .SH "SEE ALSO"
        .BR dsh (5)

        """
    }

    /// Text as roff prints it unchanged: hyphens stay hyphens, and no line begins a request.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "\"": result += "\\(dq"
            case "…": result += "\\&.\\|.\\|."
            default: result.append(character)
            }
        }
        let lines = result.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.map { $0.hasPrefix(".") || $0.hasPrefix("'") ? "\\&" + $0 : String($0) }.joined(separator: "\n")
    }
}

extension String {
    fileprivate var quoted: String { "\"\(self)\"" }
}
