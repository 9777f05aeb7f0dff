//! Starts `agpc lsp`: the one that the settings name, or the one on the path of the worktree.

use zed_extension_api::{self as zed, settings::LspSettings, Command, LanguageServerId, Result, Worktree};

struct Agp;

impl zed::Extension for Agp {
    fn new() -> Self {
        Agp
    }

    fn language_server_command(&mut self, _: &LanguageServerId, worktree: &Worktree) -> Result<Command> {
        let named = LspSettings::for_worktree("agpc", worktree)
            .ok()
            .and_then(|settings| settings.binary)
            .and_then(|binary| binary.path);
        let command = named
            .or_else(|| worktree.which("agpc"))
            .ok_or("agpc was not found: install it with its extra `lsp`, or name it in lsp.agpc.binary.path of the settings")?;
        Ok(Command { command, args: vec!["lsp".into()], env: worktree.shell_env() })
    }
}

zed::register_extension!(Agp);
