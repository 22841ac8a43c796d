// SPDX-License-Identifier: Apache-2.0

/// Which lines stay out of the history.
enum Secrets {
    /// False for lines that begin with a blank, as in other shells, and for those that carry a password.
    static func mayBeRemembered(_ line: String) -> Bool {
        if line.first?.isWhitespace == true { return false }
        let words = line.split(whereSeparator: \.isWhitespace)
        let isLogin = words.contains("login")
        return !words.contains { word in
            word == "--password" || word.hasPrefix("--password=")
                || (isLogin && word.hasPrefix("-p") && !word.hasPrefix("--"))
        }
    }
}
