-- nvim --headless --clean -l nvim.lua FILE, with editors/nvim on the runtime path: opens FILE, and prints as JSON what it shows.
vim.cmd("filetype on")
vim.lsp.enable("agpc")
vim.cmd.edit(vim.fn.fnameescape(_G.arg[1]))
local shown = function()
  return vim.diagnostic.get(0)
end
vim.wait(60000, function()
  return #shown() > 0
end, 100)
local clients = vim.lsp.get_clients({ bufnr = 0, name = "agpc" })
io.stdout:write(vim.json.encode({
  filetype = vim.bo.filetype,
  root = clients[1] and clients[1].root_dir or "",
  diagnostics = vim.tbl_map(function(each)
    return each.code .. " " .. each.message
  end, shown()),
}))
for _, client in ipairs(clients) do
  client:stop()
end
vim.wait(10000, function()
  return #vim.lsp.get_clients({ name = "agpc" }) == 0
end, 100)
