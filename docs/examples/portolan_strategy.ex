# A strategy for libcluster that is told by `portolan serve --push message`, and polls nothing:
#
#     config :libcluster, topologies: [web: [strategy: Portolan.Strategy]]
#
# docs/PUSH.md has the messages.
defmodule Portolan.Strategy do
  use GenServer
  use Cluster.Strategy
  alias Cluster.Strategy

  def start_link([state]), do: GenServer.start_link(__MODULE__, state, name: :portolan)

  @impl GenServer
  def init(state), do: {:ok, state}

  @impl GenServer
  def handle_info({:portolan, :members, nodes}, state), do: connect(state, nodes)
  def handle_info({:portolan, :joined, node, _info}, state), do: connect(state, [node])

  def handle_info({:portolan, :left, node, _info}, state) do
    Strategy.disconnect_nodes(state.topology, state.disconnect, state.list_nodes, [node])
    {:noreply, state}
  end

  def handle_info(_message, state), do: {:noreply, state}

  defp connect(state, nodes) do
    Strategy.connect_nodes(state.topology, state.connect, state.list_nodes, nodes)
    {:noreply, state}
  end
end
