// ECharts with the parts that charts here use.
import { CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import {
  DataZoomComponent,
  GridComponent,
  ToolboxComponent,
  TooltipComponent,
} from 'echarts/components';
import * as echarts from 'echarts/core';
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers';

echarts.use([
  CanvasRenderer,
  CustomChart,
  DataZoomComponent,
  GridComponent,
  LineChart,
  ScatterChart,
  SVGRenderer,
  ToolboxComponent,
  TooltipComponent,
]);

export { echarts };
export type Chart = ReturnType<typeof echarts.init>;
