-- For Neovim 0.11 and newer: put this directory on the runtime path, and call vim.lsp.enable("agpc").
local windows = vim.fn.has("win32") == 1
local places = windows and { ".venv/Scripts/agpc.exe", "venv/Scripts/agpc.exe" } or { ".venv/bin/agpc", "venv/bin/agpc" }

--- The agpc of the project, or of what it lies in, else the one on the path.
local function program(root)
  local directories = root and { root } or {}
  vim.list_extend(directories, root and vim.iter(vim.fs.parents(root)):totable() or {})
  for _, directory in ipairs(directories) do
    for _, place in ipairs(places) do
      local found = vim.fs.joinpath(directory, place)
      if vim.fn.executable(found) == 1 then
        return found
      end
    end
  end
  return "agpc"
end

return {
  cmd = function(dispatchers, config)
    return vim.lsp.rpc.start({ program(config and config.root_dir), "lsp" }, dispatchers)
  end,
  filetypes = { "agp" },
  root_dir = function(buffer, start)
    local name = vim.api.nvim_buf_get_name(buffer)
    local root = vim.fs.root(buffer, { "agpc.toml", "pyproject.toml", ".git" })
    start(root or name ~= "" and vim.fs.dirname(name) or nil) -- files beside each other are one policy set
  end,
}
