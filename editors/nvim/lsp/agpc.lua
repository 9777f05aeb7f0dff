-- For Neovim 0.11 and newer: put this directory on the runtime path, and call vim.lsp.enable("agpc").
local windows = vim.fn.has("win32") == 1
local places = windows and { ".venv/Scripts/agpc.exe", "venv/Scripts/agpc.exe" } or { ".venv/bin/agpc", "venv/bin/agpc" }

--- The agpc of the project, else the one on the path.
local function program(root)
  for _, place in ipairs(places) do
    local found = root and vim.fs.joinpath(root, place)
    if found and vim.fn.executable(found) == 1 then
      return found
    end
  end
  return "agpc"
end

return {
  cmd = function(dispatchers, config)
    return vim.lsp.rpc.start({ program(config and config.root_dir), "lsp" }, dispatchers)
  end,
  filetypes = { "agp" },
  root_markers = { "agpc.toml", "pyproject.toml", ".git" },
}
